import Glibc
import Transformer

/// The base model with what turns conversations into its tokens.
struct ServedModel: Sendable {
    /// What requests call it.
    let name: String
    let model: Model
    let template: ChatTemplate

    init(folder: String, name: String?, template: String?) throws {
        let tokenizer = try TextFiles.tokenizer(in: folder)
        self.template = try TextFiles.chatTemplate(in: folder, tokenizer: tokenizer, name: template)
        model = try Model.load(folder: folder)
        guard tokenizer.vocabularySize <= model.configuration.vocabularySize else {
            throw TokenizerError(
                "\(folder)/tokenizer.json",
                "has \(tokenizer.vocabularySize) tokens and the model \(model.configuration.vocabularySize)")
        }
        self.name = name ?? folder.split(separator: "/").last.map(String.init) ?? folder
    }
}
