// SPDX-License-Identifier: MIT

const nearEnd = 64;

/** Keeps a scroller at its end while its reader is there; scrolling up lets go, coming back takes hold again. */
export class Follow {
  atEnd = true;
  #top = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content What grows in it.
   * @param {() => void} [changed]
   */
  constructor(scroller, content, changed = () => {}) {
    this.scroller = scroller;
    this.changed = changed;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const observer = new ResizeObserver(() => this.hold());
    observer.observe(content);
    observer.observe(scroller);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Only the reader scrolls up; that the content has grown meanwhile is no reason to let go.
    if (scrollHeight - scrollTop - clientHeight < nearEnd) this.atEnd = true;
    else if (scrollTop < this.#top - 2) this.atEnd = false;
    this.#top = scrollTop;
    this.changed();
  }

  hold() {
    if (this.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  release() {
    this.atEnd = false;
  }

  toEnd() {
    this.atEnd = true;
    this.hold();
  }
}
