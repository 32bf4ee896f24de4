// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// A worker's modules and the packages that they import, in one module.
package struct Bundle: Sendable {
    /// Its name among the modules of a worker.
    package static let moduleName = "index.js"
    static let mapName = "index.js.map"

    /// JavaScript.
    package let code: [UInt8]
    /// Back to the sources, whose names are relative to the folder of the project. Holds no texts.
    package let map: [UInt8]
    /// Absolute paths of the files that it is made of.
    package let inputs: [String]
    /// Remarks that keep it from nothing.
    package let warnings: [BundleFault]

    package init(code: [UInt8], map: [UInt8], inputs: [String] = [], warnings: [BundleFault] = []) {
        self.code = code
        self.map = map
        self.inputs = inputs
        self.warnings = warnings
    }

    /// The text of the module: the code, with the map in its last line.
    package var module: String {
        String(decoding: code, as: UTF8.self) + "//# sourceMappingURL=data:application/json;base64,"
            + Data(map).base64EncodedString() + "\n"
    }

    /// How many files of packages it has.
    package var packageFiles: Int { inputs.count { $0.contains("/node_modules/") } }
}

/// Why there is no bundle, or what is odd about it: the fault of whoever wrote the sources.
package struct BundleFault: Error, Hashable, Sendable {
    /// What is wrong, and what would be right.
    package var message: String
    /// Relative to the folder of the project; `nil` where it is no file's fault.
    package var file: String?
    /// Counted from 1.
    package var line: Int?
    /// Counted from 1, in UTF-16 units.
    package var column: Int?
    /// The text of the line.
    package var sourceLine: String?

    package init(
        _ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil, sourceLine: String? = nil
    ) {
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.sourceLine = sourceLine
    }
}

/// At least one.
package struct BundleFaults: Error, Sendable {
    package let faults: [BundleFault]

    init(_ faults: [BundleFault]) { self.faults = faults }
}
