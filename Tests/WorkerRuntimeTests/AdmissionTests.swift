// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing
import WorkerTypes

@testable import WorkerRuntime

/// The decisions alone.
@Suite struct AdmissionTests {
    private let admission = Admission(mostHeld: 100 << 20, mappingReserve: 1000)

    private func load(held: Int = 0, mappings: Int = 0) -> EngineLoad {
        EngineLoad(liveIsolates: 1, lostIsolates: 0, heldBytes: held, mappings: mappings, mostMappings: 5000)
    }

    @Test("One more is let in while what it takes at rest fits under the bound of memory")
    func memory() {
        let most = (100 << 20) - Admission.restingBytes
        for held in [0, most - 1, most] {
            #expect(throws: Never.self) { try admission.admit(load(held: held)) }
        }
        for held in [most + 1, 100 << 20, 1 << 40] {
            #expect(throws: AdmissionError.memory(held: held, most: 100 << 20)) {
                try admission.admit(load(held: held))
            }
        }
    }

    @Test("One more is let in while its mappings fit under the kernel's bound, with the reserve left")
    func mappings() {
        let most = 5000 - 1000 - Admission.restingMappings
        for count in [0, most - 1, most] {
            #expect(throws: Never.self) { try admission.admit(load(mappings: count)) }
        }
        for count in [most + 1, 5000, 1 << 30] {
            #expect(throws: AdmissionError.mappings(count: count, most: 5000)) {
                try admission.admit(load(mappings: count))
            }
        }
    }

    @Test("Where both are short, memory is named; each says what helps")
    func words() {
        let held = 200 << 20
        #expect(throws: AdmissionError.memory(held: held, most: 100 << 20)) {
            try admission.admit(load(held: held, mappings: 9999))
        }
        #expect("\(AdmissionError.memory(held: held, most: 100 << 20))".contains("200 of 100 MiB"))
        #expect("\(AdmissionError.mappings(count: 9999, most: 5000))".contains("vm.max_map_count"))
    }

    @Test("A host lets in what it was told later, if that is less")
    func share() throws {
        let host = IsolateHost(try TestEngine.shared())
        host.hold(atMost: 1)
        host.hold(atMost: 1 << 40)
        #expect(throws: AdmissionError.self) { _ = try host.makeIsolate("x", limits: .standard) }
    }

    @Test("The machine's bound leaves room for many isolates")
    func machine() {
        let bound = Admission.ofMachine.mostHeld
        #expect(bound > 64 << 20)
    }

    @Test("The least bound of the process's control groups counts, its own or one above it")
    func controlGroups() {
        func limit(_ membership: String, _ files: [String: String]) -> Int? {
            ControlGroup(membership: membership) { files[$0] }.memoryLimit
        }
        let root = "/sys/fs/cgroup"
        let service = "0::/system.slice/rookery.service\n"
        let own = "\(root)/system.slice/rookery.service/memory.max"
        #expect(limit(service, [own: "1000\n"]) == 1000)
        #expect(limit(service, [own: "max\n", "\(root)/system.slice/memory.max": "2000\n"]) == 2000)
        #expect(limit(service, [own: "3000\n", "\(root)/system.slice/memory.max": "2000\n"]) == 2000)
        #expect(limit(service, [own: "3000\n", "\(root)/memory.max": "500\n"]) == 500)
        #expect(limit(service, [own: "max\n"]) == nil)
        #expect(limit(service, [:]) == nil)
        #expect(limit("0::/\n", ["\(root)/memory.max": "7\n"]) == 7)
        #expect(limit("0::/../../other\n", ["\(root)/other/memory.max": "9\n"]) == 9)
        // Version 1, and both beside each other.
        let mixed = "5:cpu,cpuacct:/x\n4:memory:/a/b\n0::/c\n"
        #expect(limit(mixed, ["\(root)/memory/a/memory.limit_in_bytes": "11\n"]) == 11)
        #expect(limit(mixed, ["\(root)/x/memory.max": "1\n"]) == nil)
        for nonsense in ["", "0", "0:/", "::", "\n\n", "0::"] { #expect(limit(nonsense, [:]) == nil) }
    }

    @Test("Draining is asked for once, when so many threads are parked")
    func drain() {
        var policy = DrainPolicy(mostParked: 3)
        #expect((0..<6).map { _ in policy.lose() } == [nil, nil, 3, nil, nil, nil])
        #expect(policy.parked == 6)
    }

    @Test(
        "Limits that nothing can run under are refused, and say what would be right",
        arguments: [
            (0, nil, nil, "memory limit of 0 bytes"), (-5, nil, nil, "memory limit of -5 bytes"),
            (Limits.leastMemory - 1, nil, nil, "give at least \(Limits.leastMemory)"),
            (Limits.mostMemory + 1, nil, nil, "give at most \(Limits.mostMemory)"),
            (Int.max, nil, nil, "give at most"), (Int.min, nil, nil, "give at least"),
            (64 << 20, .zero, nil, "a CPU limit of"), (64 << 20, .nanoseconds(-1), nil, "a CPU limit of"),
            (64 << 20, nil, .zero, "a wall limit of"), (64 << 20, .seconds(1), .seconds(-60), "a wall limit of"),
        ] as [(Int, Duration?, Duration?, String)])
    func refusedLimits(_ memory: Int, _ cpu: Duration?, _ wall: Duration?, _ words: String) {
        let error = #expect(throws: LimitsError.self) { try Limits(memory: memory, cpu: cpu, wall: wall).check() }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("Limits at their bounds are taken")
    func takenLimits() {
        for limits in [
            Limits.standard, Limits(memory: Limits.leastMemory, cpu: .nanoseconds(1), wall: .nanoseconds(1)),
            Limits(memory: Limits.mostMemory, cpu: nil, wall: nil),
        ] {
            #expect(throws: Never.self) { try limits.check() }
        }
    }
}

/// With isolates.
@Suite(.leavesNoIsolates) struct AdmissionOfIsolatesTests {
    @Test("An isolate of an impossible heap limit is refused by itself", arguments: [0, 1, -5, Int.max, Int.min])
    func impossibleHeap(_ limit: Int) throws {
        let engine = try TestEngine.shared()
        #expect {
            _ = try Isolate(engine, .init(heapLimit: limit))
        } throws: { error in
            guard case .invalidLimit(let words)? = error as? EngineError else { return false }
            return words.contains("\(limit) bytes")
        }
    }

    @Test("The least heap limit has room for the prelude and a script")
    func leastHeap() throws {
        let isolate = try Isolate(TestEngine.shared(), .init(heapLimit: Isolate.Options.leastHeapLimit))
        let text = try isolate.makeContext().evaluate("[1, 2, 3].map((x) => x * 2).join()", as: String.self)
        #expect(text == "2,4,6")
    }

    @Test("A host lets isolates in until they hold as much as it may, and again when one is gone")
    func host() throws {
        let engine = try TestEngine.shared()
        // What other tests lost is held for ever.
        let admission = Admission(mostHeld: Engine.load.heldBytes + (32 << 20))
        let host = IsolateHost(engine, admission: admission)
        do {
            let isolate = try host.makeIsolate("large", limits: .standard)
            let context = try isolate.makeContext(bare: true)
            try context.evaluate("globalThis.held = new ArrayBuffer(40 << 20)")
            #expect {
                _ = try host.makeIsolate("one too many", limits: .standard)
            } throws: { error in
                guard case .memory(let held, admission.mostHeld)? = error as? AdmissionError else { return false }
                return held >= 40 << 20
            }
            try context.evaluate("1")
        }
        let next = try host.makeIsolate("next", limits: .standard)
        let sum = try next.makeContext(bare: true).evaluate("1 + 1", as: Int.self)
        #expect(sum == 2)
    }

    @Test("A host refuses before anything is made where its bound is small, or the limits are wrong")
    func refusal() throws {
        let engine = try TestEngine.shared()
        let before = Engine.liveIsolates
        let full = IsolateHost(engine, admission: Admission(mostHeld: 1 << 20))
        #expect(throws: AdmissionError.self) { _ = try full.makeIsolate("x", limits: .standard) }
        let crowded = IsolateHost(engine, admission: Admission(mostHeld: 1 << 40, mappingReserve: 1 << 30))
        #expect(throws: AdmissionError.self) { _ = try crowded.makeIsolate("x", limits: .standard) }
        let wrong = Limits(memory: 0, cpu: nil, wall: nil)
        #expect(throws: LimitsError.self) { _ = try full.makeIsolate("x", limits: wrong) }
        #expect(throws: AdmissionError.self) { _ = try WorkerInstance(full, name: "x", limits: .standard) }
        #expect(Engine.liveIsolates == before)
    }
}
