namespace GenAI.Chats.Storage.Transfer;

/// <summary>The import can't continue. The message is for the operator who runs it, and contains the number of the line.</summary>
public sealed class TransferException(string message) : Exception(message);
