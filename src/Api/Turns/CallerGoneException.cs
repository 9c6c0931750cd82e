namespace GenAI.Chats.Api.Turns;

/// <summary>Nobody is there any more to hear the answer.</summary>
internal sealed class CallerGoneException(Exception innerException) : Exception("The caller has gone.", innerException);
