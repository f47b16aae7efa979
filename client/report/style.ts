/** The page's style. Colours of text have a contrast of 4.5 to 1 on each ground that they stand on. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--quiet:#57606a;--line:#d0d7de;--panel:#f6f8fa;--link:#0550ae;
--committed:#1a7f37;--rolledBack:#6e7781;--failed:#bc4c00;--good:#1a7f37;--band:#0969da33;--added:#e6ffec;--removed:#ffebe9;
--keyword:#a40e26;--string:#0a3069;--number:#0550ae;--name:#6639ba;--comment:#57606a}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--quiet:#9ea7b3;--line:#30363d;--panel:#161b22;--link:#79c0ff;
--committed:#3fb950;--rolledBack:#8b949e;--failed:#f0883e;--good:#3fb950;--band:#388bfd44;--added:#12261e;--removed:#2d1519;
--keyword:#ff7b72;--string:#a5d6ff;--number:#79c0ff;--name:#d2a8ff;--comment:#9ea7b3}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:60rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.1rem;font-weight:600;margin:1.5rem 0 0;color:var(--quiet)}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.5rem 0}
a{color:var(--link)}
.headline{font-size:1.75rem;line-height:1.25;font-weight:650;margin:.25rem 0}
.quiet,dt,figcaption{color:var(--quiet);font-size:.875rem}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem;z-index:1}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
svg{display:block;width:100%;height:auto;font-family:system-ui,sans-serif}
svg a:focus-visible path{stroke:var(--link);stroke-width:4}
figure{margin:0}
.narrow{display:none}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:1rem 0}
dd{margin:0}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:.25rem 0;color:var(--quiet);font-size:.875rem}
.key{display:inline-block;width:.8em;height:.8em;vertical-align:-.05em}
.attempts{list-style:none;padding:0;margin:0}
.attempts>li{border-top:1px solid var(--line)}
summary{cursor:pointer;padding:.5rem 0;display:grid;grid-template-columns:2.5rem 11rem 8rem 1fr;gap:0 .75rem;align-items:baseline}
summary::-webkit-details-marker{display:none}
summary::before{content:none}
summary .number{text-align:right;color:var(--quiet);font-variant-numeric:tabular-nums}
summary .number::before{content:"\\25B8\\00A0"}
details[open]>summary .number::before{content:"\\25BE\\00A0"}
summary:hover .title{text-decoration:underline}
.committed{color:var(--committed);font-weight:600}
.rolledBack{color:var(--quiet)}
.failed{color:var(--failed)}
.attempt{padding:0 0 1.5rem 3.25rem}
.chart{max-width:27rem}
.plain summary{display:list-item;margin-left:1rem;list-style:"\\25B8\\00A0";color:var(--quiet);font-size:.875rem}
.plain[open] summary{list-style:"\\25BE\\00A0"}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{text-align:right;padding:.2rem .75rem .2rem 0;border-top:1px solid var(--line);vertical-align:baseline;overflow-wrap:normal}
th{font-weight:600;color:var(--quiet)}
th.text,td.text{text-align:left;overflow-wrap:anywhere;min-width:7rem}
thead th{border-top:0}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}
pre,code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.block{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem;margin:.5rem 0}
.diff{border:1px solid var(--line);border-radius:6px;margin:.75rem 0;overflow:hidden}
.diff figcaption{background:var(--panel);border-bottom:1px solid var(--line);padding:.35rem .75rem;font-family:ui-monospace,monospace}
.diff code>*{display:block;padding:0 .75rem;text-decoration:none}
.diff p{padding:0 .75rem}
ins{background:var(--added)}
del{background:var(--removed)}
.note{background:var(--panel);color:var(--quiet)}
.hljs-keyword,.hljs-literal,.hljs-built_in,.hljs-type,.hljs-meta{color:var(--keyword)}
.hljs-string,.hljs-regexp,.hljs-subst{color:var(--string)}
.hljs-number,.hljs-attr,.hljs-symbol{color:var(--number)}
.hljs-title,.hljs-section,.hljs-property{color:var(--name)}
.hljs-comment,.hljs-doctag{color:var(--comment)}
.bar{width:5rem;height:.6rem;display:inline-block;margin-left:.5rem;vertical-align:baseline}
.doubt{border-left:4px solid var(--failed);padding-left:.75rem}
footer{margin:3rem auto 2rem;color:var(--quiet);font-size:.875rem}
@media (max-width:40rem){.wide{display:none}.narrow{display:block}
summary{grid-template-columns:2.5rem 1fr;padding:.75rem 0}summary>:nth-child(n+3){grid-column:2}
.attempt{padding-left:0}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.35rem}.headline{font-size:1.4rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{.skip{display:none}}
`;
