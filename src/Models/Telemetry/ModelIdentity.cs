namespace GenAI.Chats.Models.Telemetry;

/// <summary>A model's identity in OpenTelemetry's conventions for generative AI.</summary>
/// <param name="Provider">The value of <c>gen_ai.provider.name</c>.</param>
/// <param name="Operation">The value of <c>gen_ai.operation.name</c>.</param>
/// <param name="Address">The model's address, if it is known in advance.</param>
internal sealed record ModelIdentity(string Provider, string Operation, Uri? Address)
{
    public const string Chat = "chat";
    public const string GenerateContent = "generate_content";
    public const string OpenAi = "openai";
    public const string Gemini = "gcp.gemini";
    public const string VertexAi = "gcp.vertex_ai";
}

/// <summary>A model with an identity of its own. Other models use their provider's name.</summary>
internal interface IIdentifiedModel
{
    /// <summary>Gets the identity.</summary>
    ModelIdentity Identity { get; }
}
