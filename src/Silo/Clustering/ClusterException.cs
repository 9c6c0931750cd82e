namespace GenAI.Chats.Silo.Clustering;

/// <summary>A silo could not start for a reason outside of it. The message is for whoever operates it.</summary>
internal sealed class ClusterException(string message, Exception innerException) : Exception(message, innerException);
