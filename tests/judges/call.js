// call.js ADDRESS PROTO ROOT CERTIFICATE KEY CERTIFICATE KEY: a sender and a recipient made with grpc-js. Reads messages as JSON, publishes
// them on one call, and says in one line of JSON what it saw.
"use strict";
const fs = require("fs");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const [address, proto, root, ...pairs] = process.argv.slice(2);
const definition = loader.loadSync("fedgate/v1/fedgate.proto", {
  includeDirs: [proto, "/usr/include"], enums: String, longs: String, bytes: String, defaults: false,
});
const Exchange = grpc.loadPackageDefinition(definition).fedgate.v1.ExchangeService;
const messages = JSON.parse(fs.readFileSync(0, "utf8"));

function client(certificate, key, options) {
  const own = certificate ? [fs.readFileSync(key), fs.readFileSync(certificate)] : [];
  return new Exchange(address, grpc.credentials.createSsl(fs.readFileSync(root), ...own), options);
}

// JSON of the contract has its times as text; protobufjs wants seconds.
function wire(m) {
  return { ...m, header: { ...m.header, createdAt: { seconds: Date.parse(m.header.createdAt) / 1000 } } };
}

function statusOf(call) {
  return new Promise((resolve) => call((error) => resolve(error ? [grpc.status[error.code], error.details] : ["OK", ""])));
}

function publish(of, sent) {
  return new Promise((resolve, reject) => {
    const receipts = [];
    const call = of.Publish({ deadline: Date.now() + 10000 });
    call.on("data", (receipt) => receipts.push(receipt));
    call.on("error", reject);
    call.on("end", () => resolve(receipts));
    sent.forEach((m) => call.write(wire(m)));
    call.end();
  });
}

// Ends when something was delivered and acknowledged.
function subscribe(of) {
  const decode = definition["fedgate.v1.ExchangeService"].Publish.requestDeserialize;
  return new Promise((resolve, reject) => {
    const call = of.Subscribe({ deadline: Date.now() + 20000 });
    call.on("data", (delivery) => {
      const id = decode(Buffer.from(delivery.message, "base64")).header.id;
      call.write({ ack: { seq: [delivery.seq] } });
      call.end();
      resolve([id]);
    });
    call.on("error", reject);
    call.write({ start: { queue: "default" } });
  });
}

async function main() {
  const sender = client(pairs[0], pairs[1]);
  const recipient = client(pairs[2], pairs[3]);
  const delivered = subscribe(recipient);
  const said = { receipts: await publish(sender, messages), delivered: await delivered };
  said.deadline = (await statusOf((done) => {
    const call = recipient.Subscribe({ deadline: Date.now() + 300 });
    call.on("error", done);
    call.on("end", () => done(null));
    call.write({ start: { queue: "empty" } });
  }))[0];
  said.unknown = (await statusOf((done) =>
    sender.makeUnaryRequest("/fedgate.v1.ExchangeService/Nothing", (x) => x, (x) => x, Buffer.alloc(0), done)))[0];
  const gzip = client(pairs[0], pairs[1], { "grpc.default_compression_algorithm": 2 });
  said.compressed = await statusOf((done) => gzip.GetReceipt({ id: "0".repeat(2000) }, done));
  said.stranger = (await statusOf((done) => client().GetReceipt({ id: "0" }, { deadline: Date.now() + 3000 }, done)))[0];
  console.log(JSON.stringify(said));
  process.exit(0);
}

main().catch((error) => {
  console.log(JSON.stringify({ error: String(error) }));
  process.exit(1);
});
