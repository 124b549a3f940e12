// How the page of the API looks, by day and by night.

export const pageStyle = `
:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif;
  --text: #1c2430; --dim: #55606f; --ground: #fff; --raised: #f4f6f9; --line: #d5dbe3; --link: #0b57d0;
  --get: #0b6b3a; --post: #0b57d0; --put: #8a4b00; --patch: #6b3fa0; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e9f0; --dim: #a3afbe; --ground: #11161d; --raised: #1a212b; --line: #323c49;
  --link: #8ab4ff; --get: #5fd08c; --post: #8ab4ff; --put: #f0b060; --patch: #c9a6ff; --delete: #ff9b92; } }
body { max-width: 1040px; margin: 0 auto; padding: 24px 16px 96px; color: var(--text); background: var(--ground); }
a { color: var(--link); }
h1 small { font-size: .5em; font-weight: 400; color: var(--dim); }
h2 { margin: 40px 0 8px; scroll-margin-top: 56px; }
h3 { margin: 16px 0 0; font-size: 1em; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 4px; }
nav { position: sticky; top: 0; padding: 8px 0; background: var(--ground); border-bottom: 1px solid var(--line); z-index: 1; }
nav ul { display: flex; gap: 18px; margin: 0; padding: 0 0 4px; list-style: none; overflow-x: auto; white-space: nowrap; }
details { border: 1px solid var(--line); border-radius: 10px; margin: 8px 0; padding: 0 14px; scroll-margin-top: 56px; }
details[open] { padding-bottom: 10px; }
summary { cursor: pointer; padding: 10px 0; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 4.8em; }
summary span { color: var(--dim); }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
table { border-collapse: collapse; width: 100%; margin: 12px 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th { width: 14em; font-weight: 400; }
th i { color: var(--dim); font-size: .9em; }
td table { margin: 4px 0; }
@media (max-width: 600px) { th { width: 8em; } }
code { font: .92em ui-monospace, monospace; }
pre { margin: 6px 0; padding: 10px 12px; border-radius: 8px; background: var(--raised); white-space: pre-wrap; overflow-wrap: anywhere; }
.answer { margin: 0 0 12px; color: var(--dim); overflow-wrap: anywhere; }
`;
