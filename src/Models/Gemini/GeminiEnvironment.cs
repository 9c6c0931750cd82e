using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Settings;
using Microsoft.Extensions.Configuration;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The environment variables of Google's SDKs.</summary>
internal sealed class GeminiEnvironment(IConfiguration configuration) : ProviderEnvironment(configuration, Developer, Vertex)
{
    /// <summary>The provider for the Gemini Developer API, or for Vertex AI if the environment selects it as for Google's SDKs.</summary>
    public const string Developer = "gemini";

    /// <summary>The provider for Vertex AI, regardless of the environment.</summary>
    public const string Vertex = "vertex";

    private const string DeveloperBaseUrlVariable = "GOOGLE_GEMINI_BASE_URL";
    private const string VertexBaseUrlVariable = "GOOGLE_VERTEX_BASE_URL";
    private const string ApiVersionVariable = "GOOGLE_GENAI_API_VERSION";
    private const string ProjectVariable = "GOOGLE_CLOUD_PROJECT";
    private const string LocationVariable = "GOOGLE_CLOUD_LOCATION";

    private static readonly string[] KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"];

    // The first one that is set is used.
    private static readonly string[] UseVertexVariables = ["GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI"];

    /// <summary>Gets whether provider <c>gemini</c> uses Vertex AI.</summary>
    public bool UseVertex => ReadFirst(UseVertexVariables)?.ToLowerInvariant() is "true" or "1";

    /// <summary>Completes the settings of a target of the Developer API.</summary>
    public ModelTarget CompleteDeveloper(ModelTarget target) => target with
    {
        BaseUrl = target.BaseUrl ?? ReadUrl(DeveloperBaseUrlVariable),
        ApiVersion = target.ApiVersion ?? ApiVersion("v1beta"),
        Key = Given(target.Key) ?? ReadFirst(KeyVariables),
    };

    /// <summary>
    /// Completes the settings of a target of Vertex AI. The target overrides the environment, and in each of them, a project or location overrides a
    /// key.
    /// </summary>
    public ModelTarget CompleteVertex(ModelTarget target)
    {
        var ownPlace = Given(target.Project) is not null || Given(target.Location) is not null;
        var ownKey = Given(target.Key);
        var (project, location) = (Read(ProjectVariable), Read(LocationVariable));
        var takesPlace = ownPlace || ownKey is null;
        return target with
        {
            BaseUrl = target.BaseUrl ?? ReadUrl(VertexBaseUrlVariable),
            ApiVersion = target.ApiVersion ?? ApiVersion("v1beta1"),
            Key = ownKey ?? (ownPlace || project is not null || location is not null ? null : ReadFirst(KeyVariables)),
            Project = Given(target.Project) ?? (takesPlace ? project : null),
            Location = Given(target.Location) ?? (takesPlace ? location : null),
        };
    }

    /// <inheritdoc/>
    protected override void Check(SettingsCheck check)
    {
        Array.ForEach(KeyVariables, variable => check.RequireApiKey(variable, Read(variable)));
        check.RequireUrl(DeveloperBaseUrlVariable, Read(DeveloperBaseUrlVariable));
        check.RequireUrl(VertexBaseUrlVariable, Read(VertexBaseUrlVariable));
        check.RequireSegment(ApiVersionVariable, Read(ApiVersionVariable));
        check.RequireSegment(ProjectVariable, Read(ProjectVariable));
        check.RequireSegment(LocationVariable, Read(LocationVariable));
    }

    private string? ReadFirst(string[] variables) => variables.Select(Read).FirstOrDefault(value => value is not null);

    private string? ApiVersion(string beta) => Read(ApiVersionVariable) is var version && version == "beta" ? beta : version;
}
