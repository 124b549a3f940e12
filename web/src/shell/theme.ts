// Light or dark: what the system says, unless the person says otherwise.

import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const key = 'contrail/theme';

const stored = localStorage.getItem(key);
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'system');

export const setTheme = (choice: Theme): void => {
  theme.value = choice;
  localStorage.setItem(key, choice);
};

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});
