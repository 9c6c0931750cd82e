namespace GenAI.Chats.Storage.GrainStorage;

/// <summary>A record that a head names is not there: the head is an old one, or the record was lost.</summary>
internal sealed class RecordMissingException(RecordName name) : Exception($"There is no record {name.Kind} '{name.Key}'.");
