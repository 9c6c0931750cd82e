// The tree of a chat's turns: which turns are alternatives, and where a branch ends.

/** The turns of all branches, by the revision that they follow. */
export class Branches {
  #children = new Map();
  #known = new Set();

  /** Adds a recorded turn. */
  add(turn) {
    const revision = Number(turn.revision ?? 0);
    if (revision === 0 || this.#known.has(revision)) {
      return;
    }

    this.#known.add(revision);
    const parent = Number(turn.parentRevision ?? 0);
    const siblings = this.#children.get(parent) ?? [];
    siblings.push(revision);
    siblings.sort((a, b) => a - b);
    this.#children.set(parent, siblings);
  }

  /** Returns the revisions of the turns that follow the same turn as this one, oldest first. */
  siblings(turn) {
    return this.#children.get(Number(turn.parentRevision ?? 0)) ?? [];
  }

  /** Returns the revision of the last turn of the branch that was extended last. */
  leaf(revision) {
    for (let at = revision; ;) {
      const children = this.#children.get(at);
      if (!children) {
        return at;
      }

      at = children.at(-1);
    }
  }
}
