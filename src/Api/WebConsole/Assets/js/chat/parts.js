// The parts of contents and chunks, in the form in which they are shown.

/**
 * A part that is shown.
 * @typedef {{kind: 'text'|'thought'|'call'|'response'|'image'|'data', text: string, value?: object}} ShownPart
 */

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Collects parts. Adjacent text of the same kind becomes one part, as in the history. */
export class PartList {
  /** @type {ShownPart[]} */
  items = [];

  /** Adds the parts of a chunk's first candidate. */
  addResponse(response) {
    this.addContent(response.candidates?.[0]?.content);
    const block = response.promptFeedback?.blockReason;
    if (block) {
      this.items.push({ kind: 'data', text: `The prompt was blocked: ${block}`, value: response.promptFeedback });
    }
  }

  addContent(content) {
    for (const part of content?.parts ?? []) {
      this.#add(part);
    }

    return this;
  }

  static of(contents) {
    const list = new PartList();
    for (const content of contents ?? []) {
      list.addContent(content);
    }

    return list.items;
  }

  #add(part) {
    if (part.text !== undefined && part.text !== null) {
      const kind = part.thought ? 'thought' : 'text';
      const last = this.items.at(-1);
      if (last?.kind === kind) {
        last.text += part.text;
      } else if (part.text !== '') {
        this.items.push({ kind, text: part.text });
      }
    } else if (part.functionCall) {
      this.items.push({ kind: 'call', text: part.functionCall.name ?? '', value: part.functionCall });
    } else if (part.functionResponse) {
      this.items.push({ kind: 'response', text: part.functionResponse.name ?? '', value: part.functionResponse });
    } else if (part.inlineData && IMAGES.has(part.inlineData.mimeType)) {
      this.items.push({ kind: 'image', text: part.inlineData.mimeType, value: part.inlineData });
    } else if (Object.keys(part).some(key => key !== 'thoughtSignature')) {
      this.items.push({ kind: 'data', text: part.inlineData?.mimeType ?? part.fileData?.fileUri ?? Object.keys(part)[0], value: part });
    }
  }
}

/** Returns the text of contents, without thoughts. */
export function textOf(contents) {
  return PartList.of(contents).filter(part => part.kind === 'text').map(part => part.text).join('\n\n');
}

const isEmpty = content => (content?.parts ?? []).length === 0;

// A turn that was recorded as a list of contents has its message there.
const isList = turn => isEmpty(turn.message) && turn.output?.[0]?.role === 'user';

/** Returns the message of a turn. */
export const messageOf = turn => (isList(turn) ? turn.output[0] : turn.message);

/** Returns the contents of a turn after its message. */
export const outputOf = turn => (isList(turn) ? turn.output.slice(1) : turn.output ?? []);

/** Returns the function calls of a turn that no content of it answers. */
export function openCalls(turn) {
  const contents = turn.output ?? [];
  const last = contents.at(-1);
  return last?.role === 'user' ? [] : (last?.parts ?? []).map(part => part.functionCall).filter(Boolean);
}
