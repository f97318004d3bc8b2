'use strict';
// The buttons of a page, and what links and paper need. The chart has a script of its own.
(() => {
  const root = document.documentElement;

  // Theme: the system's, unless the reader chose one. Storage may be forbidden. What is drawn in its colours hears of a change.
  const remembered = (value) => {
    try {
      if (value) localStorage.setItem('oomtrace-theme', value);
      return localStorage.getItem('oomtrace-theme');
    } catch { return null; }
  };
  const changed = () => dispatchEvent(new Event('theme'));
  const theme = remembered();
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', changed);
  document.getElementById('theme').addEventListener('click', () => {
    const now = root.dataset.theme || (dark.matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    remembered(root.dataset.theme);
    changed();
  });

  // The summary on the clipboard; a page opened from disk may have no clipboard of its own.
  const copy = document.getElementById('copy');
  copy.addEventListener('click', async () => {
    const box = document.getElementById('summary');
    let done = true;
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      box.hidden = false;
      box.select();
      done = document.execCommand('copy');
      box.hidden = true;
    }
    copy.textContent = done ? 'Copied' : 'Not copied';
    setTimeout(() => { copy.textContent = 'Copy summary'; }, 2000);
  });

  // A link into a closed part opens it; paper shows all parts.
  const open = () => {
    let target = null;
    try { target = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    const closed = target && target.closest('details:not([open])');
    if (closed) {
      closed.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener('hashchange', open);
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')];
    opened.forEach((e) => { e.open = true; });
  });
  addEventListener('afterprint', () => opened.forEach((e) => { e.open = false; }));

  document.querySelectorAll('.script').forEach((e) => { e.hidden = false; });
  open();
})();
