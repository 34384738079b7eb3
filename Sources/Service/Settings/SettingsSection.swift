/// A part of the configuration that has keys of its own.
protocol SettingsSection {}

extension Settings: SettingsSection {}
extension LimitSettings: SettingsSection {}
extension EngineSettings: SettingsSection {}
extension WebhookSettings: SettingsSection {}
extension DeploymentSettings: SettingsSection {}
extension ScaleSettings: SettingsSection {}
extension DriftSettings: SettingsSection {}
extension CycleSettings: SettingsSection {}
extension TrainingSettings: SettingsSection {}
extension GateSettings: SettingsSection {}
extension ExperimentSettings: SettingsSection {}
extension MetricSettings: SettingsSection {}
