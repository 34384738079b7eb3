/// Words of the sample: what customers want, of what, in English and German.
enum SampleWords {
    struct Thing: Sendable {
        /// In the right answer.
        var name: String
        var english: [String]
        var german: [String]
    }

    struct Wish: Sendable {
        /// In the right answer.
        var name: String
        /// Phrases with `{n}` for the thing.
        var english: [String]
        var german: [String]
        /// Phrases that only come up after the shift, and the domain that brings them.
        var newEnglish: [String] = []
        var newGerman: [String] = []
        var domain = ""
    }

    static let things: [Thing] = [
        Thing(
            name: "order", english: ["my order", "the order", "an order"],
            german: ["meine Bestellung", "die Bestellung"]),
        Thing(name: "card", english: ["my card", "the card", "my bank card"], german: ["meine Karte", "die Karte"]),
        Thing(name: "account", english: ["my account", "the account"], german: ["mein Konto", "das Konto"]),
        Thing(
            name: "invoice", english: ["my invoice", "the invoice", "the bill"],
            german: ["meine Rechnung", "die Rechnung"]),
        Thing(
            name: "delivery", english: ["my delivery", "the parcel", "my parcel"],
            german: ["meine Lieferung", "das Paket"]),
        Thing(name: "contract", english: ["my contract", "the contract"], german: ["meinen Vertrag", "den Vertrag"]),
        Thing(name: "booking", english: ["my booking", "the booking"], german: ["meine Buchung", "die Buchung"]),
        Thing(name: "voucher", english: ["my voucher", "the voucher"], german: ["meinen Gutschein", "den Gutschein"]),
    ]

    static let wishes: [Wish] = [
        Wish(
            name: "cancel",
            english: [
                "cancel {n}", "i want to cancel {n}", "please stop {n}", "i no longer need {n}", "how do i end {n}",
            ],
            german: ["{n} stornieren", "ich möchte {n} kündigen", "bitte {n} beenden", "ich brauche {n} nicht mehr"],
            newEnglish: ["scrap {n}", "can you bin {n} for me"],
            newGerman: ["{n} canceln"], domain: "travel"),
        Wish(
            name: "change",
            english: [
                "change {n}", "i need to change {n}", "can i update {n}",
                "there is a mistake in {n}, please correct it",
            ],
            german: ["{n} ändern", "ich muss {n} ändern", "kann ich {n} anpassen", "bitte {n} berichtigen"],
            newEnglish: ["tweak {n}", "swap things in {n}"],
            newGerman: ["an {n} drehen"], domain: "loyalty"),
        Wish(
            name: "find",
            english: ["where is {n}", "i cannot find {n}", "what is the status of {n}", "when do i get {n}"],
            german: ["wo ist {n}", "ich finde {n} nicht", "wie ist der Stand für {n}", "wann bekomme ich {n}"],
            newEnglish: ["any sign of {n}", "{n} went awol"],
            newGerman: ["{n} verschollen"], domain: "travel"),
        Wish(
            name: "pay",
            english: [
                "pay for {n}", "how can i pay for {n}", "i want to pay {n} now", "which cards can i use for {n}",
            ],
            german: ["{n} bezahlen", "wie kann ich {n} bezahlen", "ich will {n} jetzt zahlen"],
            newEnglish: ["settle up for {n}", "cough up for {n}"],
            newGerman: ["{n} begleichen"], domain: "loyalty"),
        Wish(
            name: "report",
            english: [
                "there is a problem with {n}", "{n} does not work", "{n} is broken", "something is wrong with {n}",
            ],
            german: [
                "es gibt ein Problem mit {n}", "{n} funktioniert nicht", "{n} ist kaputt", "etwas stimmt nicht mit {n}",
            ],
            newEnglish: ["{n} is on the blink", "{n} plays up"],
            newGerman: ["{n} spinnt"], domain: "travel"),
        Wish(
            name: "open",
            english: ["i would like {n}", "how do i get {n}", "can i have {n} please", "set up {n}"],
            german: ["ich hätte gern {n}", "wie bekomme ich {n}", "bitte {n} einrichten"],
            newEnglish: ["hook me up with {n}", "i am after {n}"],
            newGerman: ["her mit {n}"], domain: "loyalty"),
    ]

    static let beginnings = ["", "", "", "", "hi, ", "hello, ", "good morning, ", "sorry, ", "quick question: "]
    static let endings = ["", "", "", "", " please", " thanks", " asap", "?", "!", " today"]
    static let germanBeginnings = ["", "", "", "", "hallo, ", "guten Tag, ", "Moin, ", "kurze Frage: "]
    static let germanEndings = ["", "", "", "", " bitte", " danke", " schnell", "?", "!", " heute"]
}
