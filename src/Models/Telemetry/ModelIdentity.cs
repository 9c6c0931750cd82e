namespace GenAI.Chats.Models.Telemetry;

/// <summary>What a model is in telemetry, in the words of OpenTelemetry's conventions for generative AI.</summary>
/// <param name="Provider">Its <c>gen_ai.provider.name</c>.</param>
/// <param name="Operation">Its <c>gen_ai.operation.name</c>.</param>
/// <param name="Address">Where it is, as far as that is known beforehand.</param>
internal sealed record ModelIdentity(string Provider, string Operation, Uri? Address)
{
    public const string Chat = "chat";
    public const string GenerateContent = "generate_content";
    public const string OpenAi = "openai";
    public const string Gemini = "gcp.gemini";
    public const string VertexAi = "gcp.vertex_ai";
}

/// <summary>A model that knows what it is. Others go by the name of their provider.</summary>
internal interface IIdentifiedModel
{
    /// <summary>What it is.</summary>
    ModelIdentity Identity { get; }
}
