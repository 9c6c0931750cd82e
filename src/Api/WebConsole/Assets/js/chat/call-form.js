// Asks for the responses to the function calls that a chat waits for.

import { h } from '../ui/dom.js';
import { button, JsonField, InvalidFieldError } from '../ui/controls.js';

/** Creates the form. `onsend` gets the content with the responses. */
export function callForm(calls, onsend) {
  const fields = calls.map(call => {
    const field = new JsonField(`Response of ${call.name}`, `Arguments: ${JSON.stringify(call.args ?? {})}`, 3);
    field.write({ output: '' });
    return { call, field };
  });
  const submit = () => {
    try {
      onsend({
        role: 'user',
        parts: fields.map(({ call, field }) => ({ functionResponse: { ...(call.id ? { id: call.id } : {}), name: call.name, response: field.read() ?? {} } })),
      });
    } catch (error) {
      if (!(error instanceof InvalidFieldError)) {
        throw error;
      }
    }
  };
  return h('section.call-form', { 'aria-label': 'Function calls' },
    h('h2', {}, 'The model waits for responses'),
    fields.map(({ field }) => field.element),
    h('div.actions', {}, button('Send responses', submit, { kind: 'primary' })));
}
