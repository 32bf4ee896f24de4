// SPDX-License-Identifier: Apache-2.0
internal import Glibc
package import Isolates
package import WorkerTypes

/// Decides whether the process can take one more isolate: a value that is asked with the load of the moment.
package struct Admission: Sendable, Equatable {
    /// What all isolates may hold together, in bytes.
    package var mostHeld: Int
    /// Mappings left to the process itself and to isolates that grow.
    package var mappingReserve: Int

    /// What an isolate takes at rest: about 2 MiB, and 13 mappings.
    package static let restingBytes = 2 << 20
    package static let restingMappings = 13

    /// A bound of these sizes.
    package init(mostHeld: Int, mappingReserve: Int = 2048) {
        self.mostHeld = mostHeld
        self.mappingReserve = mappingReserve
    }

    /// Three quarters of the memory that the process may use: the machine's, or its control groups'.
    package static var ofMachine: Admission { Admission(mostHeld: machineMemory / 4 * 3) }

    /// Lets one more isolate in, or says why not.
    package func admit(_ load: EngineLoad) throws(AdmissionError) {
        guard load.heldBytes + Self.restingBytes <= mostHeld else {
            throw .memory(held: load.heldBytes, most: mostHeld)
        }
        guard load.mappings + Self.restingMappings + mappingReserve <= load.mostMappings else {
            throw .mappings(count: load.mappings, most: load.mostMappings)
        }
    }

    private static var machineMemory: Int {
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(physical, ControlGroup.ofProcess.memoryLimit ?? physical)
    }
}
