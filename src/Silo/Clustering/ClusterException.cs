namespace GenAI.Chats.Silo.Clustering;

/// <summary>A silo couldn't start because of a server that it needs. The message is for operators.</summary>
internal sealed class ClusterException(string message, Exception? innerException = null) : Exception(message, innerException);
