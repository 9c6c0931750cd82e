using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The environment variables of Google's SDKs, for settings that a route doesn't specify. They are validated at startup.</summary>
internal sealed class GeminiEnvironment(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string DeveloperBaseUrlVariable = "GOOGLE_GEMINI_BASE_URL";
    private const string VertexBaseUrlVariable = "GOOGLE_VERTEX_BASE_URL";
    private const string ApiVersionVariable = "GOOGLE_GENAI_API_VERSION";
    private const string ProjectVariable = "GOOGLE_CLOUD_PROJECT";
    private const string LocationVariable = "GOOGLE_CLOUD_LOCATION";

    private static readonly string[] KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"];

    // The first one that is set is used.
    private static readonly string[] UseVertexVariables = ["GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_GENAI_USE_VERTEXAI"];

    private readonly EnvironmentVariables _variables = new(configuration);

    /// <summary>Gets whether provider <c>gemini</c> uses Vertex AI.</summary>
    public bool UseVertex =>
        UseVertexVariables.Select(_variables.Read).FirstOrDefault(value => value is not null)?.ToLowerInvariant() is "true" or "1";

    /// <summary>Returns the settings of a target of the Developer API.</summary>
    public GeminiOptions DeveloperOptions(ModelTarget target) => OptionsOf(target) with
    {
        BaseUrl = target.BaseUrl ?? _variables.ReadUrl(DeveloperBaseUrlVariable),
        ApiVersion = target.ApiVersion ?? ApiVersion("v1beta"),
        Key = Given(target.Key) ?? Key,
    };

    /// <summary>
    /// Returns the settings of a target of Vertex AI. The target overrides the environment, and in each of them, a project or location overrides a
    /// key.
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
        var failures = options.Routes.SelectMany(route => route.AllTargets()).Any(IsGoogles) ? Check().OfType<string>().ToList() : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private string? Key => KeyVariables.Select(_variables.Read).FirstOrDefault(key => key is not null);

    private static GeminiOptions OptionsOf(ModelTarget target) => new() { Timeout = target.Timeout ?? GeminiOptions.DefaultTimeout };

    private static string? Given(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static bool IsGoogles(ModelTarget target) =>
        target.Provider.Equals(GeminiProvider.ProviderName, StringComparison.OrdinalIgnoreCase)
        || target.Provider.Equals(VertexProvider.ProviderName, StringComparison.OrdinalIgnoreCase);

    private string? ApiVersion(string beta) => _variables.Read(ApiVersionVariable) is var version && version == "beta" ? beta : version;

    private IEnumerable<string?> Check() =>
    [
        .. _variables.Check(SettingRules.ApiKey, KeyVariables),
        .. _variables.Check(SettingRules.Address, DeveloperBaseUrlVariable, VertexBaseUrlVariable),
        .. _variables.Check(SettingRules.Segment, ApiVersionVariable, ProjectVariable, LocationVariable),
    ];
}
