import API

// See `ListenerNames.swift`.

/// A problem as it stands in an answer's object.
typealias WireProblem = Problem
/// The table of every route.
typealias RouteTable = Routes
typealias WireModelList = ModelList
typealias WireDriftView = DriftView
