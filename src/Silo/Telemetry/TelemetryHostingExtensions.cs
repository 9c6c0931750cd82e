using GenAI.Chats.Silo.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Sends what the service tells of itself to a collector.</summary>
public static class TelemetryHostingExtensions
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>
    /// Adds OpenTelemetry, as section <c>Telemetry</c> and OpenTelemetry's own variables say; nothing where they name no endpoint. What is sent waits in
    /// bounded queues: a collector that is slow or down costs what it misses, and no call waits for it.
    /// </summary>
    /// <exception cref="OptionsValidationException">The section is wrong.</exception>
    public static IHostApplicationBuilder AddChatTelemetry(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = Read(builder.Configuration);
        if (builder.Configuration["OTEL_SDK_DISABLED"] is { } off && bool.TryParse(off, out var isOff) && isOff)
        {
            return builder;
        }

        var telemetry = new Telemetry(options, builder.Configuration);
        if (telemetry.IsOn)
        {
            telemetry.Add(builder.Services.AddOpenTelemetry());
        }

        return builder;
    }

    private static TelemetryOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(TelemetryOptions.SectionName).Get<TelemetryOptions>() ?? new TelemetryOptions();
        var result = new TelemetryOptionsValidator().Validate(null, options);
        return result.Failed ? throw new OptionsValidationException(TelemetryOptions.SectionName, typeof(TelemetryOptions), result.Failures) : options;
    }

    private sealed class Telemetry(TelemetryOptions options, IConfiguration configuration)
    {
        // Asked all the time, and of no interest.
        private static readonly string[] Unrecorded = ["/healthz/", "/grpc.health.v1.Health/", "/grpc.reflection."];

        private static readonly string[] Meters =
            ["GenAI.Chats.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

        private readonly bool _traces = options.Traces && HasEndpoint(options, configuration, "TRACES");
        private readonly bool _metrics = options.Metrics && HasEndpoint(options, configuration, "METRICS");
        private readonly bool _logs = options.Logs && HasEndpoint(options, configuration, "LOGS");

        public bool IsOn => _traces || _metrics || _logs;

        public void Add(IOpenTelemetryBuilder builder)
        {
            // The variables come last, and so first.
            builder.ConfigureResource(resource => resource
                .AddService(options.ServiceName, serviceVersion: typeof(TelemetryOptions).Assembly.GetName().Version?.ToString(3))
                .AddEnvironmentVariableDetector());
            if (_traces)
            {
                builder.WithTracing(Trace);
            }

            if (_metrics)
            {
                builder.WithMetrics(Measure);
            }

            if (_logs)
            {
                builder.WithLogging(
                    logs => logs.AddOtlpExporter(exporter => Configure(exporter, "logs")),
                    static logs => logs.IncludeFormattedMessage = true);
            }
        }

        private static bool HasEndpoint(TelemetryOptions options, IConfiguration configuration, string signal) =>
            options.Endpoint is not null
            || !string.IsNullOrEmpty(configuration[EndpointVariable])
            || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);

        private static bool IsRecorded(HttpContext context) =>
            !Unrecorded.Any(prefix => context.Request.Path.Value?.StartsWith(prefix, StringComparison.Ordinal) == true);

        private void Trace(TracerProviderBuilder traces)
        {
            traces.AddSource(["GenAI.Chats.*", "System.Net.Http", .. options.Sources]);
            if (options.OrleansSpans)
            {
                traces.AddSource("Microsoft.Orleans.Application");
            }

            traces.AddAspNetCoreInstrumentation(static http =>
            {
                http.Filter = IsRecorded;

                // The front door has named the call; the web server would name its path.
                http.EnrichWithHttpResponse = static (span, _) => span.DisplayName = span.GetTagItem("rpc.method") as string ?? span.DisplayName;
            });
            if (options.TraceRatio is { } ratio)
            {
                traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(ratio)));
            }

            traces.AddOtlpExporter(exporter => Configure(exporter, "traces"));
        }

        private void Measure(MeterProviderBuilder metrics) => metrics
            .AddMeter([.. Meters, .. options.Meters])
            .AddOtlpExporter((exporter, reader) =>
            {
                Configure(exporter, "metrics");
                if (options.MetricsInterval is { } interval)
                {
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)interval.TotalMilliseconds;
                }
            });

        // What is not set here is as the variables have it.
        private void Configure(OtlpExporterOptions exporter, string signal)
        {
            if (options.Protocol is { } protocol)
            {
                exporter.Protocol = protocol is TelemetryProtocol.Grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            }

            if (options.Endpoint is { } endpoint)
            {
                exporter.Endpoint = exporter.Protocol is OtlpExportProtocol.HttpProtobuf
                    ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal}")
                    : endpoint;
            }

            exporter.Headers = options.Headers ?? exporter.Headers;
            exporter.TimeoutMilliseconds = (int?)options.Timeout?.TotalMilliseconds ?? exporter.TimeoutMilliseconds;
        }
    }
}
