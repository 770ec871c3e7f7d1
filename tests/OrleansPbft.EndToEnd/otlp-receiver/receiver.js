// An OTLP receiver of no one's making here but for its plumbing: what exporters send over HTTP or gRPC is decoded by OpenTelemetry's own generated code.
// Prints one line {"http": port, "grpc": port}, then a line of JSON for each export: {"signal", "protocol", "body"}. Ends with its standard input.
'use strict';

const http = require('node:http');
const http2 = require('node:http2');
const path = require('node:path');
const zlib = require('node:zlib');

// The package hides its generated code from its users, and has nothing else that decodes requests.
const transformer = path.dirname(require.resolve('@opentelemetry/otlp-transformer/package.json'));
const { collector } = require(path.join(transformer, 'build/src/generated/root.js')).opentelemetry.proto;

const signals = {
  traces: { request: collector.trace.v1.ExportTraceServiceRequest, response: collector.trace.v1.ExportTraceServiceResponse },
  metrics: { request: collector.metrics.v1.ExportMetricsServiceRequest, response: collector.metrics.v1.ExportMetricsServiceResponse },
  logs: { request: collector.logs.v1.ExportLogsServiceRequest, response: collector.logs.v1.ExportLogsServiceResponse },
};
const byPath = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'traces'],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', 'metrics'],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', 'logs'],
]);

function report(signal, protocol, bytes) {
  const type = signals[signal].request;
  const body = type.toObject(type.decode(bytes), { longs: String, enums: String, bytes: Array });
  const hex = (key, value) => (/^(traceId|spanId|parentSpanId)$/.test(key) ? Buffer.from(value).toString('hex') : value);
  process.stdout.write(JSON.stringify({ signal, protocol, body }, hex) + '\n');
  return Buffer.from(signals[signal].response.encode({}).finish());
}

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const overHttp = http.createServer(async (request, response) => {
  const signal = byPath.get(request.url);
  const bytes = await read(request);
  if (request.method !== 'POST' || !signal) return response.writeHead(404).end();
  try {
    const answer = report(signal, 'http', request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(bytes) : bytes);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(answer);
  } catch (failure) {
    process.stderr.write(`${request.url}: ${failure}\n`);
    response.writeHead(400).end();
  }
});

const overGrpc = http2.createServer();
overGrpc.on('stream', async (stream, headers) => {
  const signal = byPath.get(headers[':path']);
  const bytes = await read(stream);
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': signal ? '0' : '12' }));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  if (!signal) return stream.end();

  // A message is a flag (1: compressed), its length (4 bytes, big-endian), and itself.
  const message = bytes.subarray(5, 5 + bytes.readUInt32BE(1));
  const answer = report(signal, 'grpc', bytes[0] === 1 ? zlib.gunzipSync(message) : message);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(answer.length, 1);
  stream.end(Buffer.concat([head, answer]));
});

overHttp.listen(0, '127.0.0.1', () => overGrpc.listen(0, '127.0.0.1', () =>
  process.stdout.write(JSON.stringify({ http: overHttp.address().port, grpc: overGrpc.address().port }) + '\n')));
process.stdin.resume().on('end', () => process.exit(0));
