// The last ten minutes, one point a second, bounded.
const SPAN_S = 600;
export const GAP_S = 30;

export class History {
  points = [];

  /** Begin anew with the columns of GET …/live. */
  load(columns) {
    this.points = columns.at.map((at, i) => ({
      at,
      p: columns.p_total[i],
      u: [columns.u1[i], columns.u2[i], columns.u3[i]],
      i: [columns.i1[i], columns.i2[i], columns.i3[i]],
    }));
  }

  /** Take a live value; the newest of a second stays. */
  add(live) {
    const at = Math.floor(Date.parse(live.at) / 1000);
    const last = this.points.at(-1);
    if (last && at < last.at) return;
    const point = { at, p: live.p_total, u: live.u.slice(0, 3), i: live.i.slice(0, 3) };
    if (last?.at === at && last.p !== null) this.points[this.points.length - 1] = point;
    else this.points.push(point);
    this.points = this.points.length > SPAN_S + 20 ? this.points.slice(-SPAN_S) : this.points;
  }

  /** Contact is gone: no line goes on from here. */
  interrupt() {
    const last = this.points.at(-1);
    if (last && last.p !== null) {
      this.points.push({ at: last.at + 1, p: null, u: [null, null, null], i: [null, null, null] });
    }
  }

  /** The points after `from`, as runs without a gap. */
  runs(from) {
    const found = [];
    let run = null;
    for (const point of this.points) {
      if (point.at < from || point.p === null) {
        run = null;
        continue;
      }
      if (!run || point.at - run.at(-1).at > GAP_S) found.push((run = []));
      run.push(point);
    }
    return found;
  }
}
