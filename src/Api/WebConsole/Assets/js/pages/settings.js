// The page with the settings of the console itself.

import { h } from '../ui/dom.js';
import { button, Field, input } from '../ui/controls.js';
import { toast } from '../ui/toasts.js';
import { readKey, writeKey } from '../api/client.js';
import { server } from '../api/server.js';
import { readTheme, writeTheme } from '../theme.js';

const THEMES = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

/** Creates the page. */
export function settingsPage({ onkey, error }) {
  const key = new Field('API key or token', input({ type: 'password', value: readKey(), placeholder: server.needsKey ? 'Required' : 'Not required by this server', autocomplete: 'off' }),
    'Kept in this tab until you close it. It is sent only to this server.');
  const save = event => {
    event.preventDefault();
    writeKey(key.value);
    toast('Saved.');
    onkey();
  };
  const element = h('div.page', {},
    h('header.page-header', {}, h('div.titles', {}, h('h1', {}, 'Settings'))),
    h('div.page-body', {},
      h('form.card', { onsubmit: save }, h('h2', {}, 'Access'), key.element, h('div.actions', {}, button('Save', () => {}, { kind: 'primary', type: 'submit' }))),
      h('section.card', {}, h('h2', {}, 'Appearance'),
        h('fieldset.choice', {}, h('legend', {}, 'Theme'), THEMES.map(([value, label]) => h('label', {},
          h('input', { type: 'radio', name: 'theme', value, checked: readTheme() === value, onchange: () => writeTheme(value) }), h('span', {}, label))))),
      h('section.card', {}, h('h2', {}, 'Server'),
        h('dl.facts-list', {},
          h('dt', {}, 'Address'), h('dd', {}, location.host),
          server.version ? [h('dt', {}, 'Version'), h('dd', {}, server.version)] : null,
          server.grpcPort ? [h('dt', {}, 'gRPC port'), h('dd', {}, String(server.grpcPort))] : null,
          h('dt', {}, 'Authentication'), h('dd', {}, server.needsKey ? 'Required' : 'None')))));
  return { element, title: 'Settings', asksForKey: Boolean(error), ...(error ? { focus: () => key.fail(error) } : {}) };
}
