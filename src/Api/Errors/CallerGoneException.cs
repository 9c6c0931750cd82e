namespace GenAI.Chats.Api.Errors;

/// <summary>The exception for a write to a client that has disconnected.</summary>
internal sealed class CallerGoneException(Exception innerException) : Exception("The client has disconnected.", innerException);
