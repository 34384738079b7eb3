import Contracts

/// What strict decoding cannot see: fields that belong together, and ranges.
enum JobValidation {
    static func check(_ job: JobDescription) throws(JobFailure) {
        func require(_ condition: Bool, _ sentence: String) throws(JobFailure) {
            guard condition else { throw JobFailure("job.json cannot be used: " + sentence) }
        }
        try require(job.v == 1, "v is \(job.v); this engine reads version 1.")
        try require(
            job.limits.cpuSeconds > 0 && job.limits.cpuSeconds.isFinite && job.limits.memoryBytes > 0
                && (1...256).contains(job.limits.threads),
            "limits: cpuSeconds and memoryBytes are above 0 and threads is 1 to 256.")
        switch job.kind {
        case .impact:
            guard let impact = job.impact else { throw JobFailure("job.json cannot be used: impact is missing.") }
            try require(
                impact.method == "gradientMagnitude",
                "impact.method is \"\(impact.method)\"; this engine knows gradientMagnitude.")
            try require(impact.maximumMessages >= 1, "impact.maximumMessages is at least 1.")
            try require((1...64).contains(impact.folds), "impact.folds is 1 to 64.")
        case .train:
            guard let train = job.train else { throw JobFailure("job.json cannot be used: train is missing.") }
            try check(train)
        case .evaluate:
            guard job.evaluate != nil else { throw JobFailure("job.json cannot be used: evaluate is missing.") }
        }
    }

    private static func check(_ train: JobDescription.Train) throws(JobFailure) {
        func require(_ condition: Bool, _ sentence: String) throws(JobFailure) {
            guard condition else { throw JobFailure("job.json cannot be used: train." + sentence) }
        }
        try require(!train.selection.modules.isEmpty, "selection.modules is empty; name a module to train.")
        var names = Set<String>()
        for (index, module) in train.selection.modules.enumerated() {
            let place = "selection.modules[\(index)]"
            try require(names.insert(module.name).inserted, "\(place).name repeats \(module.name).")
            try require(module.rank >= 0, "\(place).rank is at least 0.")
            try require(
                (module.entries ?? []).isEmpty,
                "\(place).entries: single entries cannot be served as a low-rank adapter; name rows or columns.")
            try require(
                module.rank + (module.rows ?? []).count + (module.columns ?? []).count > 0,
                "\(place) has neither rank nor rows nor columns.")
        }
        try require((1...512).contains(train.maximumRank), "maximumRank is 1 to 512.")
        try require(train.parameterBudget > 0, "parameterBudget is above 0.")
        try require((1...1000).contains(train.epochs), "epochs is 1 to 1000.")
        try require(
            !train.learningRates.isEmpty && train.learningRates.allSatisfy { $0 > 0 && $0 <= 1 },
            "learningRates names at least one rate, each above 0 and at most 1.")
        try require((8...1_000_000).contains(train.batchTokens), "batchTokens is 8 to 1000000.")
        if let kto = train.kto {
            try require(
                kto.beta > 0 && kto.desirableWeight >= 0 && kto.undesirableWeight >= 0,
                "kto: beta is above 0 and the weights are at least 0.")
        }
    }

    static func check(_ example: TrainingExample) throws(JobFailure) {
        guard example.weight.isFinite, example.weight >= 0 else {
            throw JobFailure("weight is \(example.weight); it is finite and at least 0.")
        }
        guard !example.messages.isEmpty else { throw JobFailure("messages is empty.") }
        let length = example.answer.unicodeScalars.count
        for range in example.redacted {
            guard range.count == 2, range[0] >= 0, range[0] <= range[1], range[1] <= length else {
                throw JobFailure(
                    "redacted holds \(range); it holds pairs [start, end] inside the answer's \(length) scalars.")
            }
        }
    }
}
