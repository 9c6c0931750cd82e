// The theme: that of the system, or the user's choice.

const KEY = 'chats.theme';

export const readTheme = () => localStorage.getItem(KEY) ?? 'system';

export function writeTheme(theme) {
  if (theme === 'system') {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset.theme = theme;
  }
}
