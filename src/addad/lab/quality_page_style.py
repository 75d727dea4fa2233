"""How a quality report's page looks: on a desk, in a hand, on paper. No standard governs it."""

STYLE = """
:root { --ink:#1d2430; --faint:#5d6773; --rule:#d9dde2; --good:#1f6f54; --bad:#b3261e;
  --so-far:#8a6216; }
* { box-sizing:border-box; }
body { margin:0; background:#eef0f2; color:var(--ink);
  font:15px/1.5 "DejaVu Sans","Segoe UI",Helvetica,Arial,sans-serif; }
main { max-width:1180px; margin:24px auto; background:#fff; padding:44px 52px;
  border:1px solid var(--rule); }
header { display:flex; justify-content:space-between; gap:32px; align-items:flex-start;
  border-bottom:3px solid var(--ink); padding-bottom:18px; }
h1 { font-size:26px; line-height:1.2; margin:0 0 4px; }
h2 { font-size:18px; margin:40px 0 12px; padding-bottom:5px; border-bottom:1px solid var(--rule); }
h3 { font-size:14px; margin:24px 0 8px; color:var(--faint); font-weight:600; }
p { margin:6px 0; } .faint { color:var(--faint); font-size:13px; }
.headline { margin-top:12px; max-width:70ch; }
.stamp { border:2px solid; padding:8px 18px; font-weight:700; font-size:20px; letter-spacing:.06em;
  text-align:center; white-space:nowrap; flex:none; }
.stamp small { display:block; font-weight:400; font-size:12px; letter-spacing:0; }
.good { color:var(--good); } .bad { color:var(--bad); font-weight:700; }
.so-far { color:var(--so-far); } .none { color:var(--faint); }
.notice { border-left:4px solid #b58900; background:#fdf8e7; padding:8px 14px; margin:14px 0; }
.two { display:grid; grid-template-columns:1fr 1fr; gap:8px 44px; }
.four { display:grid; grid-template-columns:repeat(4,1fr); gap:14px 18px; }
.wide { overflow-x:auto; }
table { border-collapse:collapse; width:100%; font-size:13px; }
th { text-align:left; font-weight:600; color:var(--faint); padding:4px 10px 4px 0;
  vertical-align:bottom; }
thead th { border-bottom:1.5px solid var(--ink); }
td { border-bottom:1px solid #edf0f2; padding:5px 10px 5px 0; vertical-align:top; }
td.n, th.n { text-align:right; padding-left:10px; font-variant-numeric:tabular-nums;
  white-space:nowrap; }
table.list td { white-space:nowrap; }
td.n + td:not(.n), th.n + th:not(.n) { padding-left:16px; }
td small { display:block; color:var(--faint); font-weight:400; font-size:11.5px; }
table.result td:first-child { font-weight:600; }
table.result td:nth-child(2) { white-space:nowrap; }
table.result td { padding-top:7px; padding-bottom:7px; }
table.detail { margin-top:8px; } table.detail td { white-space:nowrap; }
td[colspan] { white-space:normal !important; }
.gauge-head { width:150px; }
.gauge { display:inline-block; width:88px; height:8px; background:#edf0f2; vertical-align:middle;
  border-right:2px solid var(--bad); }
.gauge i { display:block; height:8px; background:var(--good); }
.gauge.over i { background:var(--bad); }
.g { white-space:nowrap; }
.used { font-size:12px; color:var(--faint); margin-left:7px; font-variant-numeric:tabular-nums;
  white-space:nowrap; }
dl { display:grid; grid-template-columns:minmax(120px,auto) 1fr; gap:3px 16px; margin:0;
  font-size:13.5px; align-content:start; }
dt { color:var(--faint); } dd { margin:0; overflow-wrap:anywhere; }
figure { margin:0 0 6px; } svg { width:100%; height:auto; display:block; }
.narrow-only { display:none; }
details { margin-top:10px; } summary { cursor:pointer; color:var(--faint); font-size:13px;
  padding:6px 0; }
.orders td { padding-top:2px; padding-bottom:2px; }
.plane { display:grid; grid-template-columns:1.35fr 1fr; gap:8px 36px; align-items:start; }
.classes table { margin-bottom:16px; } .classes td, .classes th { padding-top:3px;
  padding-bottom:3px; }
.matrix tbody th { font-weight:400; color:var(--ink); white-space:nowrap;
  border-bottom:1px solid #edf0f2; }
.zero { color:#b6bdc5; } .some { font-weight:700; }
.cards { display:grid; grid-template-columns:1fr 1fr; gap:20px 34px; }
figcaption { font-size:12.5px; padding-bottom:3px; color:var(--faint); }
.cards figcaption { border-bottom:1px solid var(--rule); margin-bottom:4px; color:var(--ink); }
.files, .keys { float:right; } .keys span { margin-left:10px; white-space:nowrap; }
a { color:#1c5d99; }
ul { margin:6px 0; padding-left:20px; font-size:13.5px; }
@media screen and (max-width:760px) {
  main { margin:0; padding:22px 16px; border:0; } header { flex-direction:column; gap:14px; }
  h1 { font-size:21px; } .two, .plane, .cards { grid-template-columns:minmax(0,1fr); }
  .four { grid-template-columns:1fr 1fr; gap:10px; }
  .wide-only { display:none; } .narrow-only { display:block; }
  dl { grid-template-columns:1fr; gap:0; } dd { margin-bottom:7px; }
  .classes dl { grid-template-columns:1fr auto; } .classes dd { margin:0; }
  table.result thead { display:none; }
  table.result tr { display:grid; grid-template-columns:1fr auto; padding:9px 0;
    border-bottom:1px solid var(--rule); }
  table.result td { border:0; padding:1px 0 !important; text-align:left; white-space:normal; }
  table.result td:nth-child(even) { text-align:right; }
  table.result td:nth-child(6) { display:none; }
  table.result td:nth-child(7) { text-align:right; }
  table.result td:nth-child(3), table.result td:nth-child(4) { font-size:12.5px; }
  td, th { padding-right:7px; }
  .matrix th, .matrix td { font-size:11.5px; padding-left:4px !important; padding-right:2px; }
  .matrix tr :first-child { padding-left:0 !important; }
  .orders .gauge-head, .orders .g { display:none; } .orders td, .orders th { font-size:12px; }
  .orders td.n, .orders th.n { padding-left:2px; }
  table.list thead { display:none; }
  table.list tr { display:flex; flex-wrap:wrap; gap:0 12px; padding:7px 0;
    border-bottom:1px solid var(--rule); }
  table.list td { border:0; padding:0 !important; } table.list td:nth-child(2) { font-weight:600; }
}
@media print {
  @page { size:A4; margin:14mm; }
  body { background:#fff; font-size:10.5px; }
  main { border:0; margin:0; padding:0; max-width:none; }
  h1 { font-size:20px; } h2 { break-after:avoid; margin-top:22px; font-size:14px; }
  table { font-size:9.5px; } dl, ul { font-size:10px; } .faint, figcaption { font-size:9.5px; }
  td small, .used { font-size:8px; } .result td { padding-top:3px; padding-bottom:3px; }
  tr, figure, .notice, header { break-inside:avoid; } thead { display:table-header-group; }
  .wide { overflow:visible; } .gauge { width:56px; } .gauge-head { width:96px; }
  a { color:inherit; text-decoration:none; }
}
"""
