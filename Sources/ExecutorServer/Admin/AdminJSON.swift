// SPDX-License-Identifier: Apache-2.0
internal import Registry
internal import WorkerRuntime

extension WorkerStatus? {
    /// How a worker does; a worker that is not in service did nothing.
    func writeMembers(to writer: inout JSONWriter) {
        writer.member("requests", self?.requests ?? 0)
        writer.member("errors", self?.errors ?? 0)
        writer.member("isolates", self?.isolates ?? 0)
        writer.member("memoryBytes", self?.heldBytes ?? 0)
        writer.member("cpuMicroseconds", self?.cpuMicroseconds ?? 0)
        writer.member("inFlight", self?.inFlight ?? 0)
        writer.member("queued", self?.queued ?? 0)
        writer.member("webSockets", self?.webSockets ?? 0)
        guard let shard = self?.shard else { return }
        writer.member("shard", shard.name)
        if let process = shard.process { writer.member("process", process) }
    }
}

extension WorkerDetails {
    /// Writes `main`, `bindings`, `limits`, `crons`, `public` and `trust` as a manifest has them, and what is known
    /// beside it. Times are milliseconds since 1970.
    func write(
        to writer: inout JSONWriter, settings: [UInt8], url: String, fault: String?, usage: (inout JSONWriter) -> Void
    ) {
        writer.object { writer in
            writer.member("name", summary.name.description)
            writer.member("version", summary.service.number)
            writer.member("created", summary.created)
            writer.member("url", url)
            if let fault { writer.member("fault", fault) }
            writer.members(of: settings)
            writer.name("modules")
            writer.array(modules) { $0.write($1) }
            writer.name("versions")
            writer.array(versions) { writer, version in
                writer.object { writer in
                    writer.member("version", version.number)
                    writer.member("created", version.created)
                    writer.member("hash", version.hash)
                    writer.member("sourceBytes", version.sourceBytes)
                }
            }
            writer.name("schedule")
            writer.array(schedule) { $1.write(to: &$0) }
            writer.name("usage")
            writer.object { usage(&$0) }
        }
    }
}

extension CronStatus {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("cron", cron)
            writer.member("next", due)
            writer.member("running", running)
            writer.member("missed", missed)
            writer.name("last")
            guard let last else { return writer.null() }
            writer.object { writer in
                writer.member("time", last.time)
                writer.member("started", last.started)
                writer.member("finished", last.finished)
                writer.member("outcome", last.outcome.description)
            }
        }
    }
}
