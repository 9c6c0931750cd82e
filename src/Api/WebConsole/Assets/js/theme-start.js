// Runs before the first paint, so that the page doesn't flash in the other theme.
(() => {
  const theme = localStorage.getItem('chats.theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
})();
