// SPDX-License-Identifier: Apache-2.0

/// A queue: what was added first is taken first. Adding and taking cost the same however long it is.
struct FirstInFirstOut<Element> {
    private var elements: [Element?] = []
    private var next = 0

    var count: Int { elements.count - next }
    var isEmpty: Bool { count == 0 }

    mutating func add(_ element: Element) { elements.append(element) }

    mutating func take() -> Element? {
        guard next < elements.count else { return nil }
        let element = elements[next]
        elements[next] = nil
        next += 1
        if next == elements.count {
            elements.removeAll(keepingCapacity: true)
            next = 0
        } else if next > 64, next > elements.count / 2 {
            elements.removeFirst(next)
            next = 0
        }
        return element
    }

    /// All that is there, in order; it is empty then.
    mutating func takeAll() -> [Element] {
        defer { (elements, next) = ([], 0) }
        return elements[next...].compactMap(\.self)
    }
}
