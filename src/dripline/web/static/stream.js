// The one stream of all tabs: a browser opens six connections to a server, and a stream holds one for good.
const ports = new Set();
let stream;

function tell(what) { ports.forEach((port) => port.postMessage(what)); }

function open() {
  stream = new EventSource("/live");
  stream.addEventListener("changed", () => tell("changed"));
  stream.addEventListener("over", () => { stream.close(); stream = undefined; tell("over"); });
  stream.onerror = () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    stream = undefined;
    setTimeout(() => { if (ports.size && !stream) open(); }, 5000);
  };
}

onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = (message) => {
    if (message.data !== "gone") return;
    ports.delete(port);
    if (!ports.size && stream) { stream.close(); stream = undefined; }
  };
  if (!stream) open();
};
