namespace GenAI.Chats.Grains;

/// <summary>A turn that the chat's log has.</summary>
/// <param name="TurnId">The turn's id.</param>
/// <param name="RequestId">The client's id for it, or the one that the server made.</param>
[GenerateSerializer]
[Immutable]
[Alias("GenAI.Chats.AcceptedTurn")]
public readonly record struct AcceptedTurn([property: Id(0)] string TurnId, [property: Id(1)] string RequestId);
