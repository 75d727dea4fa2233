// Light or dark: the system decides until the reader does; their choice is kept in this browser.
// Loaded before the page is drawn, so that it never flashes in the other colours.
(() => {
  'use strict';
  const KEY = 'addad-theme';
  const root = document.documentElement;
  const isTheme = (text) => text === 'light' || text === 'dark';

  function kept() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function keep(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // storage is switched off: the choice holds for this page
    }
  }

  const shown = () =>
    root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

  const asked = new URLSearchParams(location.search).get('theme') ?? kept();
  if (isTheme(asked)) root.dataset.theme = asked;

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    button.hidden = false;
    button.addEventListener('click', () => {
      root.dataset.theme = shown() === 'dark' ? 'light' : 'dark';
      keep(root.dataset.theme);
    });
  });
  addEventListener('storage', (event) => {
    if (event.key === KEY && isTheme(event.newValue)) root.dataset.theme = event.newValue;
  });
})();
