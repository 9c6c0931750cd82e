using GenAI.Chats.Models.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Models.Gemini;

/// <summary>The environment variables of Google's SDKs, which hold for routes that say nothing else. They are checked at start.</summary>
internal sealed class GeminiEnvironment(IConfiguration configuration) : IValidateOptions<ModelsOptions>
{
    private const string BaseUrlVariable = "GOOGLE_GEMINI_BASE_URL";

    private static readonly string[] KeyVariables = ["GOOGLE_API_KEY", "GEMINI_API_KEY"];

    /// <summary>The key; null where none is set.</summary>
    public string? Key => KeyVariables.Select(Read).FirstOrDefault(key => key is not null);

    /// <summary>The API's address; null where none is set.</summary>
    public Uri? BaseUrl => Uri.TryCreate(Read(BaseUrlVariable), UriKind.Absolute, out var url) ? url : null;

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        var isUsed = options.Routes.SelectMany(route => route.AllTargets())
            .Any(target => target.Provider.Equals(GeminiProvider.ProviderName, StringComparison.OrdinalIgnoreCase));
        var failures = isUsed ? Check().ToList() : [];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> Check()
    {
        foreach (var variable in KeyVariables)
        {
            if (Read(variable) is { } key && !ApiKey.IsValid(key))
            {
                yield return $"{variable} is set to a value that is not shown: {ApiKey.Rule}.";
            }
        }

        if (Read(BaseUrlVariable) is { } value && (BaseUrl is not { } url || !ApiAddress.IsValid(url)))
        {
            yield return $"{BaseUrlVariable} is '{(BaseUrl is { } shown ? ApiAddress.WithoutSecrets(shown) : value)}': {ApiAddress.Rule}.";
        }
    }

    // What a variable was set from is often a file that ends in a line feed.
    private string? Read(string variable) => configuration[variable]?.Trim() is { Length: > 0 } value ? value : null;
}
