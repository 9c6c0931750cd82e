namespace GenAI.Chats.Storage.Logs;

/// <summary>Consecutive turns of a log. Chats can share the turns of a log.</summary>
/// <param name="Log">The row ID of the chat that appends to the log. The chat might be deleted.</param>
/// <param name="First">The number of the first turn.</param>
/// <param name="Last">The number of the last turn.</param>
internal readonly record struct LogPart(long Log, long First, long Last);
