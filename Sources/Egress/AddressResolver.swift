// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import HostAPI
public import NIOCore
internal import NIOPosix
internal import Synchronization

/// Finds the addresses that a request may be connected to, off the event loops.
///
/// A name is looked up at most once at a time for each caller, by a bounded number of threads of which one caller
/// never has more than a quarter; answers are kept for a while. What is found is checked by the grant each time, and
/// the connection must go to one of the addresses that are answered: looking the name up again could give others.
public final class AddressResolver: Sendable {
    /// Looks a name up, on a thread of the resolver's: it may wait.
    public typealias Lookup = @Sendable (_ name: String) throws(HostError) -> [IPAddress]

    /// How much the resolver does at a time, and for how long it keeps what it found.
    public struct Options: Sendable {
        /// How long a caller waits; the lookup goes on after that.
        public var timeout = TimeAmount.seconds(10)
        /// How long addresses are kept.
        public var lifetime = TimeAmount.seconds(30)
        /// How long it is kept that a name has none.
        public var failureLifetime = TimeAmount.seconds(3)
        /// Names kept, at most; above zero.
        public var mostNames = 4096
        /// Lookups at a time, each on a thread; 4 or more.
        public var threads = 16
        /// Lookups of one caller that wait for a thread, at most.
        public var mostWaiting = 256

        /// The usual ones.
        public init() {}
    }

    private typealias Found = Result<[IPAddress], HostError>

    private struct Kept {
        let found: Found
        let until: NIODeadline
    }

    private struct Job: Hashable {
        let caller: String
        let name: String
    }

    private struct State {
        /// What was found of late, and what was found before that.
        var young: [String: Kept] = [:]
        var old: [String: Kept] = [:]
        var waiters: [Job: [Waiter]] = [:]
        var queue: [Job] = []
        var running: [String: Int] = [:]
        var threads = 0
    }

    private let group: any EventLoopGroup
    private let options: Options
    private let lookup: Lookup
    private let pool: NIOThreadPool
    private let state = Mutex(State())

    /// A resolver whose timers run on `group`. Call `shutdown()` at the end.
    public init(
        group: any EventLoopGroup, options: Options = Options(), lookup: @escaping Lookup = AddressResolver.system
    ) {
        self.group = group
        self.options = options
        self.lookup = lookup
        pool = NIOThreadPool(numberOfThreads: max(4, options.threads))
        pool.start()
    }

    /// Stops the threads; lookups under way are waited for by nobody, later ones fail.
    public func shutdown() { pool.shutdownGracefully { _ in } }

    /// Finds the addresses of a request's host that its grant allows, at least one, in the order to try them.
    /// - Parameters:
    ///   - request: what is to be connected to. `localhost` and names below it are the loopback addresses.
    ///   - grant: checks each address.
    ///   - caller: whose share of the threads the lookup takes.
    ///   - answer: called once, from any thread: with `denied` where no address is allowed, `unavailable` where there
    ///     is none, `timedOut`, or `exhausted` where the caller has too many lookups waiting.
    public func addresses(
        for request: NetworkRequest, under grant: NetworkGrant, caller: String,
        _ answer: @escaping @Sendable (Result<[IPAddress], HostError>) -> Void
    ) {
        switch request.host {
        case .address(let address): answer(Self.check([address], request, grant))
        case .name(let name) where Self.isLocal(name): answer(Self.check(Self.loopback, request, grant))
        case .name(let name):
            find(name, for: caller) { found in
                answer(found.flatMap { Self.check($0, request, grant) })
            }
        }
    }

    private static let loopback = [IPAddress(v4: 0x7f00_0001), IPAddress(v6: 1)]

    /// Whether a name stands for this machine, without a lookup.
    static func isLocal(_ name: String) -> Bool {
        let name = name.utf8.last == UInt8(ascii: ".") ? name.dropLast() : name[...]
        return name == "localhost" || name.hasSuffix(".localhost")
    }

    /// What is allowed of it; the first denial where nothing is.
    private static func check(
        _ addresses: [IPAddress], _ request: NetworkRequest, _ grant: NetworkGrant
    ) -> Result<[IPAddress], HostError> {
        var allowed: [IPAddress] = []
        var denial: HostError?
        for address in addresses {
            do throws(HostError) {
                try grant.check(address, of: request)
                allowed.append(address)
            } catch {
                denial = denial ?? error
            }
        }
        guard allowed.isEmpty else { return .success(allowed) }
        return .failure(
            denial ?? HostError(.unavailable, "the name \(HostError.quote("\(request.host)")) has no address"))
    }
}

// MARK: Lookups

extension AddressResolver {
    /// One caller who waits for one name; answered once.
    private final class Waiter: Sendable {
        private let answer: Mutex<(@Sendable (Found) -> Void)?>

        init(_ answer: @escaping @Sendable (Found) -> Void) { self.answer = Mutex(answer) }

        func callAsFunction(_ found: Found) {
            answer.withLock { answer in
                defer { answer = nil }
                return answer
            }?(found)
        }
    }

    private func find(_ name: String, for caller: String, _ answer: @escaping @Sendable (Found) -> Void) {
        let job = Job(caller: caller, name: name)
        let waiter = Waiter(answer)
        let kept = state.withLock { state -> Found? in
            if let kept = state.young[name] ?? state.old[name], kept.until > .now() { return kept.found }
            if state.waiters[job] == nil {
                guard state.queue.count(where: { $0.caller == caller }) < options.mostWaiting else {
                    return .failure(
                        HostError(
                            .exhausted, "\(options.mostWaiting) names wait to be looked up; ask for fewer at a time"))
                }
                state.queue.append(job)
            }
            state.waiters[job, default: []].append(waiter)
            return nil
        }
        guard kept == nil else {
            kept.map { waiter($0) }
            return
        }
        group.any().scheduleTask(in: options.timeout) { [timeout = options.timeout] in
            waiter(
                .failure(
                    HostError(
                        .timedOut,
                        "looking up \(HostError.quote(name)) took longer than \(timeout.nanoseconds / 1_000_000_000) s")
                ))
        }
        startNext()
    }

    /// Gives waiting jobs to threads, as far as their callers have some left.
    private func startNext() {
        while let job = state.withLock({ state -> Job? in
            guard state.threads < options.threads,
                let place = state.queue.firstIndex(where: {
                    state.running[$0.caller, default: 0] < max(1, options.threads / 4)
                })
            else { return nil }
            let job = state.queue.remove(at: place)
            state.threads += 1
            state.running[job.caller, default: 0] += 1
            return job
        }) {
            pool.submit { [self] threadState in
                guard threadState == .active else {
                    return finish(job, .failure(HostError(.cancelled, "the host is shutting down")))
                }
                do throws(HostError) {
                    finish(job, .success(try lookup(job.name)))
                } catch {
                    finish(job, .failure(error))
                }
            }
        }
    }

    private func finish(_ job: Job, _ found: Found) {
        let waiters = state.withLock { state -> [Waiter] in
            state.threads -= 1
            let left = state.running[job.caller, default: 1] - 1
            state.running[job.caller] = left > 0 ? left : nil
            if state.young.count >= max(1, options.mostNames / 2) {
                state.old = state.young
                state.young = [:]
            }
            let hasAddresses = (try? found.get())?.isEmpty == false
            state.young[job.name] = Kept(
                found: found, until: .now() + (hasAddresses ? options.lifetime : options.failureLifetime))
            return state.waiters.removeValue(forKey: job) ?? []
        }
        for waiter in waiters { waiter(found) }
        startNext()
    }
}

// MARK: The system's resolver

extension AddressResolver {
    /// Looks a name up as the system is set up to, in the system's order; at most 16 addresses.
    public static let system: Lookup = { name throws(HostError) in
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(name, nil, &hints, &list)
        defer { unsafe freeaddrinfo(list) }
        guard status == 0 else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw HostError(.unavailable, "the name \(HostError.quote(name)) cannot be looked up: \(reason)")
        }
        var addresses: [IPAddress] = []
        var next = unsafe list
        while let entry = unsafe next, addresses.count < 16 {
            unsafe next = entry.pointee.ai_next
            guard let address = unsafe read(entry.pointee), !addresses.contains(address) else { continue }
            addresses.append(address)
        }
        return addresses
    }

    private static func read(_ entry: addrinfo) -> IPAddress? {
        guard let socket = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch unsafe entry.ai_family {
        case AF_INET:
            let address = unsafe socket.loadUnaligned(as: sockaddr_in.self)
            return IPAddress(v4: UInt32(bigEndian: address.sin_addr.s_addr))
        case AF_INET6:
            var address = unsafe socket.loadUnaligned(as: sockaddr_in6.self)
            return unsafe withUnsafeBytes(of: &address.sin6_addr) { bytes in unsafe IPAddress(bytes: Array(bytes)) }
        default: return nil
        }
    }
}
