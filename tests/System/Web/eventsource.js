// Reads a turn, or watches a chat, with the package `eventsource`, which works like a browser's EventSource: it
// reconnects by itself, and resumes after the last event. Prints each event, until the turn has ended.
const { EventSource } = require("eventsource");

const source = new EventSource(process.argv[2]);

// The package doesn't keep the process alive while it waits to reconnect.
const alive = setInterval(() => {}, 1000);
for (const name of ["started", "chunk", "ended", "chat", "accepted", "turn", "deleted", "idle"]) {
  source.addEventListener(name, (event) => {
    console.log(JSON.stringify({ id: event.lastEventId, name, data: JSON.parse(event.data) }));
    if (name === "ended" || JSON.parse(event.data).turn?.event?.ended) {
      source.close();
      clearInterval(alive);
    }
  });
}

source.onerror = (event) => {
  if (source.readyState === EventSource.CLOSED) {
    console.log(`closed: ${event.code} ${event.message}`);
    process.exit(1);
  }
};
