namespace GenAI.Chats.Api.Identity;

/// <summary>Who makes a call; a feature of the call's HTTP context.</summary>
/// <param name="Tenant">Whose chats the call is about.</param>
internal sealed record Caller(string Tenant);
