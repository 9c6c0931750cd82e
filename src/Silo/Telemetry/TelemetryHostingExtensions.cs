using GenAI.Chats.Silo.Telemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Exports telemetry.</summary>
public static class TelemetryHostingExtensions
{
    private const string ServiceName = "genai-chats";
    private const string MetricsPath = "/metrics";

    // Health checks and reflection, which are called often.
    private static readonly string[] UnrecordedPaths = [MetricsPath, "/healthz/", "/grpc.health.v1.Health/", "/grpc.reflection."];

    private static readonly string[] Meters =
        ["GenAI.Chats.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>
    /// Adds OpenTelemetry with the OTLP exporter, for each signal that has an endpoint. OpenTelemetry's own variables configure it; see also
    /// <see cref="TelemetryOptions"/>. Exports wait in bounded queues: if the collector is slow or down, telemetry is dropped, and calls don't wait for it.
    /// </summary>
    public static IHostApplicationBuilder AddChatTelemetry(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var configuration = builder.Configuration;
        var options = configuration.GetSection(TelemetryOptions.SectionName).Get<TelemetryOptions>() ?? new TelemetryOptions();
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(static resource => resource
            .AddService(ServiceName, serviceVersion: typeof(TelemetryOptions).Assembly.GetName().Version?.ToString(3))

            // Again, because OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES override the default name.
            .AddEnvironmentVariableDetector());
        if (IsExported(configuration, "TRACES"))
        {
            telemetry.WithTracing(traces => AddTracing(traces, options).AddOtlpExporter(Endpoint(configuration, "TRACES")));
        }

        if (IsExported(configuration, "METRICS"))
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter([.. Meters, .. options.Meters]).AddOtlpExporter(Endpoint(configuration, "METRICS")));
        }

        if (options.Prometheus)
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter([.. Meters, .. options.Meters]).AddPrometheusExporter());
        }

        if (IsExported(configuration, "LOGS"))
        {
            telemetry.WithLogging(logs => logs.AddOtlpExporter(Endpoint(configuration, "LOGS")), static logs => logs.IncludeFormattedMessage = true);
        }

        return builder;
    }

    /// <summary>Serves the metrics at <c>/metrics</c> on the ports with HTTP/1.1, if <c>Telemetry:Prometheus</c> is true. Call it before the authentication of callers.</summary>
    public static void UseChatTelemetry(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Configuration.GetSection(TelemetryOptions.SectionName).Get<TelemetryOptions>() is { Prometheus: true })
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(
                static context => context.Request.Path == MetricsPath && HttpProtocol.IsHttp11(context.Request.Protocol));
        }
    }

    private static bool IsExported(IConfiguration configuration, string signal)
    {
        return !Is("OTEL_SDK_DISABLED", "true")
            && !Is($"OTEL_{signal}_EXPORTER", "none")
            && !(Is("OTEL_EXPORTER_OTLP_ENDPOINT", "") && Is($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", ""));

        bool Is(string key, string value) => string.Equals(configuration[key] ?? "", value, StringComparison.OrdinalIgnoreCase);
    }

    private static TracerProviderBuilder AddTracing(TracerProviderBuilder traces, TelemetryOptions options) => traces
        .AddSource(["GenAI.Chats.*", "System.Net.Http", .. options.Sources, .. (string[])(options.OrleansSpans ? ["Microsoft.Orleans.Application"] : [])])
        .AddAspNetCoreInstrumentation(static http =>
        {
            http.Filter = IsRecorded;

            // The name that the front door gave the span: the web server's is the path.
            http.EnrichWithHttpResponse = static (span, _) => span.DisplayName = span.GetTagItem("rpc.method") as string ?? span.DisplayName;
        });

    // The exporter itself reads only the endpoint of all signals, and appends their paths to it.
    private static Action<OtlpExporterOptions> Endpoint(IConfiguration configuration, string signal) => exporter =>
    {
        if (Uri.TryCreate(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"], UriKind.Absolute, out var own))
        {
            exporter.Endpoint = own;
        }
    };

    private static bool IsRecorded(HttpContext context) =>
        !UnrecordedPaths.Any(prefix => context.Request.Path.Value?.StartsWith(prefix, StringComparison.Ordinal) == true);
}
