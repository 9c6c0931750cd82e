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

  /** Returns the revision of the turn that was recorded last among a turn and those that follow it, directly or not. */
  leaf(revision) {
    let last = revision;
    for (const open = [revision]; open.length > 0;) {
      for (const child of this.#children.get(open.pop()) ?? []) {
        last = Math.max(last, child);
        open.push(child);
      }
    }

    return last;
  }
}
