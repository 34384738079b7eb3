package import Tensors

extension Model {
    /// One decoding step of several sequences at once: takes each one's next tokens into its cache and gives the logits
    /// after its last token, a row for each slice in the order given.
    ///
    /// Sequences may have different lengths, different numbers of new tokens and different adapters; a cache occurs once.
    /// The result is scratch memory of the workspace, valid until its next pass.
    package func step(_ slices: [SequenceSlice], workspace: Workspace) -> Matrix {
        fatalError("not yet")
    }
}
