// SPDX-License-Identifier: Apache-2.0
package import Isolates

/// The source maps of a context's modules, by URL.
package struct SourceMaps {
    private var maps: [String: SourceMap] = [:]

    package init() {}

    package subscript(url: String) -> SourceMap? {
        get { maps[url] }
        set { maps[url] = newValue }
    }

    /// V8's stack text in terms of the original sources.
    package func rewrite(stack: String) -> String {
        maps.isEmpty ? stack : StackMapper(maps: maps).rewrite(stack)
    }

    /// Moves an exception's place to the source that its module was compiled from.
    package func locate(_ exception: inout ScriptException) {
        guard let map = maps[exception.url], exception.line > 0,
            let place = map.originalPosition(line: exception.line, column: exception.column)
        else { return }
        exception.url = map.url(of: place, inModule: exception.url)
        exception.line = place.line
        exception.column = place.column
        exception.sourceLine = map.sourceLine(at: place) ?? ""
    }
}
