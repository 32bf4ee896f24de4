// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Registry
internal import WorkerRuntime

/// Which server a command talks to.
struct ClientOptions: ParsableArguments {
    @Option(
        help: .init(
            "The admin API. ROOKERY_ADMIN, or \(AdminAddress.standard), unless given.", valueName: "URL|unix:PATH"))
    var admin: String?
    @Option(
        help: .init(
            "A file with the token. ROOKERY_ADMIN_TOKEN, or the one in the data folder, unless given.",
            valueName: "FILE"))
    var tokenFile: String?
    @Option(
        help: .init("The server's data folder. \(ClientToken.standardData) unless given.", valueName: "DIR"))
    var data: String?

    /// - Throws: `CommandEnded`, wrong usage.
    func client() throws -> AdminClient {
        let address = try AdminAddress.find(admin)
        return AdminClient(
            address: address, token: try ClientToken.find(file: tokenFile, data: data, for: address))
    }

    /// A worker's name from the command line.
    static func name(_ text: String) throws -> String {
        do throws(ManifestError) {
            return try WorkerName(text).description
        } catch {
            throw CommandEnded(.wrongUsage, error.description)
        }
    }
}

/// Runs asynchronous work from the main thread, and waits for its end.
enum Waiting {
    /// - Throws: `CommandEnded` for the errors that commands know.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let gate = Gate<Result<Value, any Error>>()
        Task.detached {
            do {
                gate.open(.success(try await work()))
            } catch {
                gate.open(.failure(error))
            }
        }
        do {
            return try gate.wait().get()
        } catch let error as ClientError {
            throw error.ended
        } catch let error as BundleFaults {
            throw CommandEnded(.failed, SourceExcerpt.report(error.faults))
        }
    }
}
