namespace GenAI.Chats.Storage.Transfer;

/// <summary>An import cannot go on. The message is for whoever runs it, and names the line.</summary>
internal sealed class TransferException(string message) : Exception(message);
