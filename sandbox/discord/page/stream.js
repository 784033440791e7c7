// Receives one member's events, and reconnects when the connection breaks.

const LOOK_AGAIN_MS = 60;

export class Stream {
  constructor(store, status) {
    this.store = store;
    this.status = status;
  }

  /** Connect as the current member; resolves once no event can be missed. */
  listen() {
    this.source?.close();
    const source = new EventSource(`/_sandbox/stream?as=${encodeURIComponent(this.store.me)}`);
    this.source = source;
    source.addEventListener("message", (event) => event.data && this.store.take(JSON.parse(event.data)));
    source.addEventListener("world", () => this.lookAgain());
    return new Promise((opened) => this.follow(source, opened));
  }

  follow(source, opened) {
    let broken = false;
    source.addEventListener("open", () => {
      this.status(true);
      if (broken) this.store.enter(this.store.channelId);
      broken = false;
      opened();
    });
    source.addEventListener("error", () => {
      broken = true;
      this.status(false);
    });
  }

  lookAgain() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.store.refresh(), LOOK_AGAIN_MS);
  }
}
