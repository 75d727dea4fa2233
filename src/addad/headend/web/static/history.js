// The last ten minutes, one point a second, bounded.
const SPAN_S = 600;
const GAP_S = 30;
const NONE = [null, null, null];

export class History {
 points = [];

 /** Begin anew with the columns of GET …/live. */
 load(c) {
  this.points = c.at.map((at, k) => ({ at, p: c.p_total[k], u: [c.u1[k], c.u2[k], c.u3[k]], i: [c.i1[k], c.i2[k], c.i3[k]] }));
 }

 /** Take a live value, the newest of a second; returns whether a second has begun. */
 add(live) {
  const at = Math.floor(Date.parse(live.at) / 1000);
  const last = this.points.at(-1);
  if (last && at < last.at) return false;
  const same = last?.at === at;
  this.points.splice(same ? -1 : this.points.length, same ? 1 : 0, { at, p: live.p_total, u: live.u, i: live.i });
  if (this.points.length > SPAN_S + 20) this.points = this.points.slice(-SPAN_S);
  return !same;
 }

 /** Contact is gone: no line goes on from here. */
 interrupt() {
  const last = this.points.at(-1);
  if (last && last.p !== null) this.points.push({ at: last.at + 1, p: null, u: NONE, i: NONE });
 }

 /** The points after `from` as runs without a gap. */
 runs(from) {
  const found = [];
  let run = null;
  for (const point of this.points) {
   if (point.at < from || point.p === null) {
    run = null;
   } else if (run && point.at - run.at(-1).at <= GAP_S) {
    run.push(point);
   } else {
    found.push((run = [point]));
   }
  }
  return found;
 }
}
