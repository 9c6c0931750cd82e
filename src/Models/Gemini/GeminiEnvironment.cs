using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The environment variables of Google's SDKs, which hold for routes that say nothing else. They are checked at start.</summary>
internal sealed class GeminiEnvironment(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string DeveloperBaseUrlVariable = "GOOGLE_GEMINI_BASE_URL";
    private const string VertexBaseUrlVariable = "GOOGLE_VERTEX_BASE_URL";
    private const string ApiVersionVariable = "GOOGLE_GENAI_API_VERSION";
    private const string ProjectVariable = "GOOGLE_CLOUD_PROJECT";
    private const string LocationVariable = "GOOGLE_CLOUD_LOCATION";

    private static readonly string[] KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"];

    // The first that is set counts.
    private static readonly string[] UseVertexVariables = ["GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI"];

    private readonly EnvironmentVariables _variables = new(configuration);

    /// <summary>Whether models of provider <c>gemini</c> are Vertex AI's.</summary>
    public bool UseVertex =>
        UseVertexVariables.Select(_variables.Read).FirstOrDefault(value => value is not null)?.ToLowerInvariant() is "true" or "1";

    /// <summary>The settings of a route to the Developer API.</summary>
    public GeminiOptions DeveloperOptions(ModelTarget target) => OptionsOf(target) with
    {
        BaseUrl = target.BaseUrl ?? _variables.ReadUrl(DeveloperBaseUrlVariable),
        ApiVersion = target.ApiVersion ?? ApiVersion("v1beta"),
        Key = Given(target.Key) ?? Key,
    };

    /// <summary>
    /// The settings of a route to Vertex AI. What the route says counts for more than the environment, and a project or a location for
    /// more than a key from the same place.
    /// </summary>
    public GeminiOptions VertexOptions(ModelTarget target)
    {
        var ownPlace = Given(target.Project) is not null || Given(target.Location) is not null;
        var ownKey = Given(target.Key);
        var (project, location) = (_variables.Read(ProjectVariable), _variables.Read(LocationVariable));
        var takesPlace = ownPlace || ownKey is null;
        return OptionsOf(target) with
        {
            BaseUrl = target.BaseUrl ?? _variables.ReadUrl(VertexBaseUrlVariable),
            ApiVersion = target.ApiVersion ?? ApiVersion("v1beta1"),
            Key = ownKey ?? (ownPlace || project is not null || location is not null ? null : Key),
            Project = Given(target.Project) ?? (takesPlace ? project : null),
            Location = Given(target.Location) ?? (takesPlace ? location : null),
        };
    }

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var failures = options.Routes.SelectMany(route => route.AllTargets()).Any(IsGoogles) ? Check().ToList() : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private string? Key => KeyVariables.Select(_variables.Read).FirstOrDefault(key => key is not null);

    private static GeminiOptions OptionsOf(ModelTarget target) => new() { Timeout = target.Timeout ?? GeminiOptions.DefaultTimeout };

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static bool IsGoogles(ModelTarget target) =>
        target.Provider.Equals(GeminiProvider.ProviderName, StringComparison.OrdinalIgnoreCase)
        || target.Provider.Equals(VertexProvider.ProviderName, StringComparison.OrdinalIgnoreCase);

    private string? ApiVersion(string beta) => _variables.Read(ApiVersionVariable) is var version && version == "beta" ? beta : version;

    private IEnumerable<string> Check() =>
    [
        .. _variables.CheckKeys(KeyVariables),
        .. _variables.CheckUrls(DeveloperBaseUrlVariable, VertexBaseUrlVariable),
        .. _variables.CheckNames(ApiVersionVariable, ProjectVariable, LocationVariable),
    ];
}
