namespace GenAI.Chats.Storage.GrainStorage.Provider;

/// <summary>A record that a head names doesn't exist: the head is outdated, or the record is lost.</summary>
internal sealed class RecordMissingException(RecordName name) : Exception($"Record {name.Kind} '{name.Key}' not found.");
